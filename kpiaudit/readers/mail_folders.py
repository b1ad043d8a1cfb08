"""What the name of a folder or label says of the mail in it, in the languages mail programs speak."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

SENT: Final = frozenset(
    {"sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete elemente",
     "gesendete objekte", "gesendete nachrichten", "envoyés", "messages envoyés", "éléments envoyés",
     "enviados", "elementos enviados", "mensajes enviados", "itens enviados", "inviata", "inviati",
     "posta inviata", "verzonden", "verzonden items", "verzonden berichten", "skickat", "skickade objekt",
     "sendt", "sendte elementer", "wysłane", "elementy wysłane", "odeslaná pošta", "отправленные",
     "надіслані", "gönderilmiş postalar", "送信済み", "送信済みメール", "已发送", "已发送邮件", "寄件備份"}
)  # fmt: skip
DRAFTS: Final = frozenset(
    {"draft", "drafts", "entwurf", "entwürfe", "brouillon", "brouillons", "borrador", "borradores",
     "bozze", "concepten", "rascunho", "rascunhos", "utkast", "kladder", "wersje robocze", "черновики",
     "чернетки", "taslaklar", "下書き", "草稿", "templates", "vorlagen"}
)  # fmt: skip
SPAM: Final = frozenset(
    {"spam", "junk", "junk mail", "junk e-mail", "junk email", "spamverdacht", "unerwünscht",
     "courrier indésirable", "correo no deseado", "posta indesiderata", "ongewenste e-mail", "skräppost",
     "спам", "迷惑メール", "垃圾邮件"}
)  # fmt: skip
CHATS: Final = frozenset({"chat", "chats"})
BOX_SUFFIXES: Final = (".gz", ".mbox", ".mbx", ".eml", ".mail")


def folders_of(name: str, *, is_box: bool) -> list[str]:
    """Return the folders a file of mail lies in, among them itself if it is a box, as they are compared.

    `.INBOX.Sent/cur/...` of a maildir is the folder `sent`; so is `Sent.mbox`.
    """
    found = []
    path = PurePosixPath(name.lower())
    for part in path.parts if is_box else path.parent.parts:
        bare = part.strip()
        for suffix in BOX_SUFFIXES:
            bare = bare.removesuffix(suffix)
        found += [bare, bare.rpartition(".")[2]]
    return found


def is_in(words: frozenset[str], names: Iterable[str]) -> bool:
    """Return whether a folder or label is one of `words`, in any case."""
    return any(name.strip().lower() in words for name in names)
