"""The words of statuses in languages beside English and Chinese, which have tables of their own."""

from dataclasses import dataclass
from types import MappingProxyType

from sage.tools.adr.record import Status

__all__ = ["DATE_LABELS", "MEANING", "STATUS_LABELS", "SUPERSEDED_BY", "TONGUES", "Tongue"]


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a language says a status; of several words the first is written, all are read.

    Attributes:
        by: What stands between *superseded* and the successor.
        words: The words for each status, in lower case.
    """

    by: str
    words: dict[Status, tuple[str, ...]]


TONGUES = (
    Tongue(
        "por",
        {
            "draft": ("borrador",),
            "proposed": ("propuesto", "propuesta", "pendiente"),
            "accepted": ("aceptado", "aceptada", "aprobado", "aprobada"),
            "rejected": ("rechazado", "rechazada"),
            "deprecated": ("obsoleto", "obsoleta", "deprecado", "deprecada"),
            "superseded": ("reemplazado", "reemplazada", "sustituido", "sustituida"),
        },
    ),
    Tongue(
        "por",
        {
            "draft": ("rascunho",),
            "proposed": ("proposto", "proposta", "pendente"),
            "accepted": ("aceito", "aceita", "aceite", "aprovado", "aprovada"),
            "rejected": ("rejeitado", "rejeitada"),
            "deprecated": ("depreciado", "depreciada", "descontinuado", "descontinuada"),
            "superseded": ("substituído", "substituída", "substituido", "substituida"),
        },
    ),
    Tongue(
        "par",
        {
            "draft": ("brouillon",),
            "proposed": ("proposé", "proposée"),
            "accepted": ("accepté", "acceptée", "approuvé", "approuvée", "adopté", "adoptée"),
            "rejected": ("rejeté", "rejetée", "refusé", "refusée"),
            "deprecated": ("obsolète", "déprécié", "dépréciée"),
            "superseded": ("remplacé", "remplacée"),
        },
    ),
    Tongue(
        "durch",
        {
            "draft": ("entwurf",),
            "proposed": ("vorgeschlagen",),
            "accepted": ("akzeptiert", "angenommen", "genehmigt", "beschlossen"),
            "rejected": ("abgelehnt", "verworfen"),
            "deprecated": ("veraltet",),
            "superseded": ("ersetzt", "abgelöst"),
        },
    ),
    Tongue(
        "da",
        {
            "draft": ("bozza",),
            "proposed": ("proposto", "proposta"),
            "accepted": ("accettato", "accettata", "approvato", "approvata"),
            "rejected": ("rifiutato", "rifiutata", "respinto", "respinta"),
            "deprecated": ("deprecato", "deprecata"),
            "superseded": ("sostituito", "sostituita"),
        },
    ),
    Tongue(
        "на",
        {
            "draft": ("черновик",),
            "proposed": ("предложено", "предложен", "предложена", "на рассмотрении"),
            "accepted": ("принято", "принят", "принята", "одобрено", "утверждено"),
            "rejected": ("отклонено", "отклонён", "отклонена"),
            "deprecated": ("устарело", "устарел", "устарела"),
            "superseded": ("заменено", "заменён", "заменена"),
        },
    ),
)
MEANING = MappingProxyType(
    {word: status for tongue in TONGUES for status, words in tongue.words.items() for word in words}
)
SUPERSEDED_BY = "|".join(
    rf"(?:{'|'.join(tongue.words['superseded'])})\s+{tongue.by}" for tongue in TONGUES
)
STATUS_LABELS = frozenset({"estado", "situação", "statut", "stato", "статус"})
DATE_LABELS = frozenset({"fecha", "datum", "дата"})
