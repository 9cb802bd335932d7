"""What the agent reads out, how questions are put, and how calls end."""

from __future__ import annotations

from typing import Any

from identity.account import AccountState
from identity.hotline.find import Way
from identity.hotline.questions import Question
from portal.language import _l
from portal.words.entry_codes import calls

WAYS: dict[str, Any] = {
    Way.NUMBER.value: _l("Personal number, identification number, passport or residence card"),
    Way.DOSSIER.value: _l("Dossier number"),
    Way.CODE.value: _l("Code to follow the application"),
    Way.PHONE.value: _l("Phone number"),
}
QUESTIONS: dict[str, Any] = {
    Question.FULL_NAME: _l("What is your full name, as it stands on your document?"),
    Question.BIRTH_DATE: _l("What is your date of birth?"),
    Question.DOCUMENT_END: _l("What are the last 4 digits of the number of your identity card?"),
    Question.COMMUNE: _l("In which ward or commune are you registered?"),
    Question.SENT_ON: _l("On which day did you send your application?"),
}
OF_FOREIGNERS: dict[str, Any] = QUESTIONS | {
    Question.DOCUMENT_END: _l(
        "What are the last 4 letters or digits of the number of your passport or of your residence card? Either counts."
    )
}
SCRIPT_OF_GREETING: tuple[Any, ...] = (
    _l("“Good day, this is the e-ID hotline. What can I do for you?”"),
    _l("“Please do not tell me any password or any code from a message. I will never ask for one.”"),
    _l("“Is anybody in danger, or is somebody using your account right now? Then we stop it first.”"),
    _l("“Which number do you have at hand: your personal number, the dossier number or the code of the receipt?”"),
)
SCRIPT_OF_QUESTIONS: tuple[Any, ...] = (
    _l("“I ask you some questions. I cannot see the answers; the system only says whether all of them agree.”"),
    _l("If somebody prompts the caller, or the caller is pressed, stop and offer the office."),
)
SCRIPT_OF_REFUSAL: tuple[Any, ...] = (
    _l("“I am sorry, I can do nothing by phone. Any office helps you, with the original of your document.”"),
    _l("“If you fear that somebody is in your account, I can stop new sign-ins for a day right now.”"),
)
SCRIPT_OF_ACTS: tuple[Any, ...] = (
    _l("“The code goes to the phone that is on file. I cannot send it anywhere else.”"),
    _l(
        "“For another phone, go to any office with your document, or ask two people whom you named as trusted to "
        "vouch for you.”"
    ),
    _l("“To be sure, I hang up and call the phone on file. Please pick up.”"),
)
OUTCOMES: dict[str, Any] = {
    "informed": _l("The caller was told how things stand"),
    "sent-to-counter": _l("The caller goes to an office"),
    "hung-up": _l("The caller hung up"),
}
calls("by", WAYS)
calls("outcome", OUTCOMES)
DONE: dict[str, Any] = {
    "verified": _l("All answers agree"),
    "sent": _l("A new activation code is on its way to the phone on file"),
    "frozen": _l("The account is frozen. An office opens it again"),
    "held": _l("New sign-ins and changes are stopped for a day"),
}
ACCOUNTS: dict[str, Any] = {
    AccountState.ISSUED.value: _l("Issued, waits to be activated"),
    AccountState.ACTIVE.value: _l("Active"),
    AccountState.CLOSED.value: _l("Closed"),
}
APPLICATIONS: dict[str, Any] = {
    "submitted": _l("Sent"),
    "received": _l("Received; the person visits the office"),
    "supplement_requested": _l("The office waits for something from the person"),
    "resubmitted": _l("The answer has arrived; the office is at work"),
    "captured": _l("Being compared"),
    "matched": _l("Waits for the decision"),
    "approved": _l("Approved"),
    "refused": _l("Refused; the letter says why and how to appeal"),
    "appealed": _l("An appeal is being heard"),
    "issued": _l("The account is issued"),
    "withdrawn": _l("Taken back by the person"),
    "abandoned": _l("Given up, because nothing came for too long"),
    "deceased": _l("Ended, because a death was recorded"),
}
