"""Refusals of applying online, of rising a level, and of acting for a child or ward."""

from portal.language import _l

SENTENCES = {
    "sim-not-own": _l(
        "The operator has this number in another name, or still under an old identity number. Have it put right at "
        "the operator's shop with your card, or use a number in your own name. At an office you can apply with your "
        "document."
    ),
    "portrait-missing": _l("Add a portrait first."),
    "level-held": _l("The account has level %(level)s already."),
    "paper-not-renewed": _l(
        "The register knows no newer paper than the account does. Was it renewed in the last days? Try again in a day "
        "or two, or go to an office with the new paper."
    ),
    "guardian-applies": _l(
        "Somebody acts for you: they apply from their own account, under Children and wards. For level 2 you go to the "
        "office together."
    ),
    "guardianship-missing": _l("Show the paper of the guardianship first."),
    "of-age": _l(
        "They are old enough to apply alone now, with a phone of their own. A guardian applies only with the paper of "
        "a guardianship: begin again for that."
    ),
    "guardianship-over": _l("This paper is no longer valid. Use one that holds today."),
    "guardian-level": _l("To act for a child or ward you need level 2 yourself."),
    "guardian-missing": _l("Nobody can confirm this now. Go to the office that issued the account, both of you."),
    "guardian-asked-often": _l("Your guardian was asked too often. Wait an hour, then ask again."),
    "guardian-question-over": _l("This question was answered already, or its time is over. Ask again if needed."),
    "guardian-absent": _l("The guardian must be here, with their own document."),
    "guardian-waits": _l("Your guardian has not confirmed it yet. Ask them to choose the number, then look again."),
    "ward-unknown": _l("There is no child or ward with this number who has a guardian. Check it against the paper."),
    "guardianship-ended": _l("This guardianship has ended already."),
    "guardianship-paper": _l("Enter number and day of the paper, as they stand on it."),
    "guardian-said-no": _l("Your guardian did not confirm it. Talk to them, then ask again."),
}
STATUS = {
    "ward-unknown": 404,
    "guardian-level": 403,
    "guardian-applies": 403,
    "guardian-asked-often": 429,
}
