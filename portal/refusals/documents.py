"""Refusals of what is read from documents and phone numbers."""

from portal.language import _l

SENTENCES = {
    "mrz-length": _l(
        "Copy all of the lines with << at the foot of the document: %(passport)s signs in a passport, "
        "%(card)s on a card. We read %(found)s."
    ),
    "mrz-line": _l(
        "Line %(line)s has %(found)s of %(width)s signs. Compare it with the document sign by sign, the < signs too."
    ),
    "mrz-characters": _l("The lines hold only capitals, digits and <. Check the sign %(found)s."),
    "mrz-kind": _l(
        "These lines stand in another order, or belong to another kind of document. Enter those of the passport or "
        "of the residence card, the upper one first."
    ),
    "mrz-check-document-number": _l(
        "The document number does not fit the digit after it: we read %(found)s, it should be %(expected)s. "
        "Compare the number with the document, 0 and O above all."
    ),
    "mrz-check-birth-date": _l(
        "The date of birth does not fit the digit after it: we read %(found)s, it should be %(expected)s. "
        "Compare the six digits with the document."
    ),
    "mrz-check-expiry-date": _l(
        "The date of expiry does not fit the digit after it: we read %(found)s, it should be %(expected)s. "
        "Compare the six digits with the document."
    ),
    "mrz-check-optional": _l(
        "The last group of the second line does not fit the digit after it: we read %(found)s, it should be "
        "%(expected)s. Compare it with the document."
    ),
    "mrz-check-whole": _l(
        "The last digit, which covers the whole line, does not fit: we read %(found)s, it should be "
        "%(expected)s. Compare every sign of the line with the document."
    ),
    "mrz-birth-date": _l(
        "The date of birth in these lines is not a day of the calendar. Enter it in the form instead."
    ),
    "mrz-expiry-date": _l(
        "The date of expiry in these lines is not a day of the calendar. Compare it with the document."
    ),
    "card-qr-shape": _l(
        "This is not the text of an identity card's QR code. Scan the code on the card again, or fill in the "
        "form by hand."
    ),
    "card-qr-number": _l("The QR text does not begin with a personal number of 12 digits. Scan the code again."),
    "card-qr-name": _l("The QR text has no name in it. Scan the code again, or fill in the form by hand."),
    "card-qr-birth-date": _l(
        "The date of birth in the QR text is not a day of the calendar. Scan the code again, or fill in the "
        "form by hand."
    ),
    "card-qr-issue-date": _l(
        "The date of issue in the QR text is not a day of the calendar. Scan the code again, or fill in the "
        "form by hand."
    ),
    "personal-number-invalid": _l("A personal number has 12 digits. You entered %(found)s."),
    "personal-number-century": _l(
        "The fourth digit of a personal number tells the century: %(digit)s would mean born in %(year)s. Compare the "
        "number with the card."
    ),
    "residence-card-invalid": _l("Enter the card number as printed: 5 to 20 letters, digits or hyphens."),
    "document-number-invalid": _l("Enter the number as printed in the document: 5 to 15 letters and digits."),
    "phone-invalid": _l(
        "Enter a mobile number, such as 0912 345 678. For a number from abroad begin with + and the country code."
    ),
    "phone-not-mobile": _l("This is a landline number, which receives no messages. Enter a mobile number."),
}
STATUS = dict.fromkeys(SENTENCES, 400)
