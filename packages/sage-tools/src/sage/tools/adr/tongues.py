"""The words of statuses in languages beside English, whose words are in words.py."""

from dataclasses import dataclass
from types import MappingProxyType

from sage.tools.adr.record import Status

__all__ = [
    "CHINESE",
    "DATE_LABELS",
    "MEANING",
    "SECTION_WORDS",
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
# Chinese says a succession around its object, 被 … 取代, so that it is no Tongue.
CHINESE: dict[Status, tuple[str, ...]] = {
    "draft": ("草案", "草稿"),
    "proposed": (
        *("提议", "提议中", "建议", "建议中", "已提议", "提案", "进行中", "评审中", "讨论中"),
        *("待定", "待评审", "提議", "提議中", "已提議", "評審中", "討論中", "未完成", "拟议"),
        *("待审核", "审核中", "待批准", "待讨论", "征求意见"),
    ),
    "accepted": (
        *("通过", "已通过", "完成", "已完成", "接受", "已接受", "采纳", "已采纳", "批准"),
        *("已批准", "已实施", "已实现", "生效", "已生效", "通過", "已通過", "採納", "已採納"),
        *("已批準", "已核准", "已决定", "已确定", "已确认", "定稿", "已定稿", "已落地"),
        *("有效", "现行", "已接納", "已實施", "已實現", "已決定", "已確認"),
    ),
    "rejected": ("否决", "拒绝", "已拒绝", "已否决", "驳回", "已驳回", "拒絕", "已拒絕"),
    "deprecated": (
        *("已弃用", "弃用", "废弃", "已废弃", "棄用", "已棄用", "已廢棄", "废止", "已废止"),
        *("作废", "已作废", "失效", "已失效", "过时", "已过时"),
    ),
    "superseded": ("已取代", "取代", "被取代", "已被取代", "替代", "已替代", "被替代", "已被替代"),
}
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
# How the titles of the sections that a record must have begin, whatever follows.
SECTION_WORDS = MappingProxyType(
    {
        "context": (
            *("context", "background", "problem", "motivation", "上下文", "背景", "问题", "問題"),
            *("kontext", "контекст", "コンテキスト", "배경", "맥락"),
        ),
        "decision": (
            *("decision", "the decision", "our decision", "outcome", "proposal", "solution"),
            *("决策", "决定", "结论", "決策", "決定", "결정"),
            *("decisión", "decisão", "décision", "entscheidung", "decisione", "решение"),
        ),
        "consequences": (
            *("consequence", "result", "impact", "outcome"),
            *("结果", "决策结果", "后果", "影响", "收益", "結果", "後果", "影響", "결과", "영향"),
            *("consecuencia", "consequência", "conséquence", "konsequenz", "conseguenz"),
            "последстви",
        ),
    }
)
