"""The words of statuses in languages beside English and Chinese, which have tables of their own."""

from dataclasses import dataclass
from types import MappingProxyType

from sage.tools.adr.record import Status

__all__ = [
    "DATE_LABELS",
    "MEANING",
    "STATUS_LABELS",
    "SUPERSEDED_BY",
    "TITLE_LABELS",
    "TONGUES",
    "Tongue",
]


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
            "accepted": (
                *("aceptado", "aceptada", "aprobado", "aprobada"),
                *("implementado", "implementada"),
            ),
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
            "accepted": (
                *("accepté", "acceptée", "approuvé", "approuvée", "adopté", "adoptée"),
                *("validé", "validée", "implémenté", "implémentée"),
            ),
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
            "accepted": (
                *("akzeptiert", "angenommen", "genehmigt", "beschlossen"),
                *("entschieden", "umgesetzt", "implementiert"),
            ),
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
        "→",
        {
            "draft": ("ドラフト", "下書き", "草案"),
            "proposed": ("提案中", "提案", "検討中", "レビュー中", "提案済み"),
            "accepted": ("承認済み", "承認", "承認済", "採用", "採用済み", "採択", "決定済み"),
            "rejected": ("却下", "不採用", "棄却"),
            "deprecated": ("非推奨", "廃止", "廃止済み"),
            "superseded": ("置き換え済み", "置換済み", "置換済", "置き換え"),
        },
    ),
    Tongue(
        "→",
        {
            "draft": ("초안",),
            "proposed": ("제안됨", "제안", "제안 중", "검토 중", "검토중"),
            "accepted": ("승인됨", "승인", "채택", "채택됨", "수락됨", "확정"),
            "rejected": ("거부됨", "거부", "기각", "반려"),
            "deprecated": ("폐기됨", "폐기"),
            "superseded": ("대체됨", "대체"),
        },
    ),
    Tongue(
        "на",
        {
            "draft": ("черновик",),
            "proposed": ("предложено", "предложен", "предложена", "на рассмотрении"),
            "accepted": (
                *("принято", "принят", "принята", "одобрено", "утверждено"),
                *("реализовано", "внедрено"),
            ),
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
STATUS_LABELS = frozenset(
    {"estado", "situação", "statut", "stato", "статус", "ステータス", "状態", "상태"}
)
DATE_LABELS = frozenset(
    {
        *("fecha", "datum", "дата", "日付", "決定日", "作成日", "更新日"),
        *("날짜", "일자", "결정일", "작성일"),
    }
)
TITLE_LABELS = frozenset({"titre", "título", "titolo", "заголовок"})
