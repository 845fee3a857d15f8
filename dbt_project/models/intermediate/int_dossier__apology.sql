-- Letters of apology for a missed or a coming due date, as the provincial system has them now: drafted, sent or
-- not, and the new date each promises.
with letter as (

    select
        ranked.jurisdiction,
        ranked.source,
        ranked.file_sha256,
        draft.row_number,
        draft.draft_number,
        draft.record_code,
        draft.letter_kind,
        draft.drafted_at,
        draft.sent_at,
        {{ plausible('draft.due_after') }} as due_after,
        row_number() over (
            partition by ranked.jurisdiction, draft.draft_number
            order by draft.changed_at desc, draft.row_sha256 desc, ranked.file_sha256 desc, draft.row_number asc
        ) as recency
    from {{ ref('stg_provincial__draft') }} as draft
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = draft.delivery_id

)

select
    letter.jurisdiction,
    identified.dossier_code,
    letter.draft_number,
    letter.drafted_at,
    letter.sent_at,
    letter.due_after,
    letter.source,
    letter.file_sha256,
    letter.row_number
from letter
inner join {{ ref('int_record__identified') }} as identified
    on
        identified.jurisdiction = letter.jurisdiction
        and identified.system = 'provincial'
        and identified.record_code = letter.record_code
where letter.recency = 1 and letter.letter_kind = 'apology'
