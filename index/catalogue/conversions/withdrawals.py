"""Judge the withdrawals of papers that an earlier seealso stored without a reason."""

from sqlite_utils import Database

from index.arxiv.withdrawal.decision import Withdrawal, judge_withdrawal

# SQL can select only a superset of the papers whose words announce a withdrawal.
_TEXTS = "coalesce(comment, '') || ' ' || title || ' ' || abstract"
_MAY_ANNOUNCE = " OR ".join(
    f"{_TEXTS} LIKE '%{cue}%'"
    for cue in ("withdr", "with%dr", "retract", "remove", "delete", "taken")
)
_SELECT = f"""
    SELECT number, id, version, title, comment, abstract, withdrawn, {_TEXTS} LIKE '%withdr%'
    FROM papers WHERE withdrawn OR {_MAY_ANNOUNCE}
"""  # noqa: S608 - constants above
_UNVERIFIED = "SELECT id FROM papers WHERE withdrawal = 'unverified'"
_MARK_DAYS = f"""
    UPDATE days SET missing = max(missing, 1)
    WHERE listed AND day IN (SELECT datestamp FROM datestamps WHERE id IN ({_UNVERIFIED}))
"""  # noqa: S608
_FORGET_DATESTAMPS = f"DELETE FROM datestamps WHERE id IN ({_UNVERIFIED})"  # noqa: S608


def judge_stored_papers(db: Database) -> None:
    """Store how it is known that papers are withdrawn, and restore those that are not.

    If a withdrawn paper has no words about it, the reason was the flag, an empty source or a
    deletion. Which of them is not known, so its record counts as unread and is harvested again.
    """
    judged: list[tuple[Withdrawal | None, int]] = []
    for number, paper_id, version, title, comment, abstract, before, has_words in db.execute(
        _SELECT
    ):
        found = judge_withdrawal(
            [],
            paper_id=paper_id,
            version=version,
            title=title,
            comment=comment,
            abstract=abstract,
        )
        if found is None and before and not has_words:
            found = Withdrawal.UNVERIFIED
        if before or found:
            judged.append((found, number))
    db.conn.executemany(
        "UPDATE papers SET withdrawal = ?1, withdrawn = ?1 IS NOT NULL WHERE number = ?2", judged
    )
    # A day with missing records is listed again by the next nightly run.
    db.execute(_MARK_DAYS)
    db.execute(_FORGET_DATESTAMPS)
