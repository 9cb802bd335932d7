"""Mail over SMTP. The Message-ID is the outbox row's id, the same at every attempt, so a repeat can be told."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from identity.outbox import Leased
from portal.drawing import qr_png
from portal.messages import Words
from portal.services import utc_now

TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Mail:
    """`url` is smtp://host:port, smtp+starttls://user:password@host or smtps://…"""

    url: str
    sender: str
    host_name: str

    def __call__(self, message: Leased, words: Words) -> None:
        """Send one message; raises OSError or SMTPException when it was not accepted."""
        with self._connection() as server:
            server.send_message(self._composed(message, words))

    def _composed(self, message: Leased, words: Words) -> EmailMessage:
        mail = EmailMessage()
        mail["Message-ID"] = f"<{message.id}@{self.host_name}>"
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.address, words.subject
        mail["Date"] = format_datetime(utc_now())
        mail["Content-Language"] = message.locale
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.text)
        if words.scan:
            mail.add_attachment(qr_png(words.scan), maintype="image", subtype="png", filename="qr.png")
        return mail

    def _connection(self) -> smtplib.SMTP:
        where = urlsplit(self.url)
        host, context = where.hostname or "localhost", ssl.create_default_context()
        if where.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, where.port or 465, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, where.port or 25, timeout=TIMEOUT_SECONDS)
        if where.scheme == "smtp+starttls":
            server.starttls(context=context)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        return server
