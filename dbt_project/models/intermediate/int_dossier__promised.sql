-- Which due date counts for a dossier of the provincial system: the one in force before it had passed. The first
-- promise moves only by what explains it (a supplement that came back, an apology that was sent), and only while the
-- promise before it had not passed: an edit made afterwards never rescues.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'code'}) }}
with recursive identified as (

    select
        jurisdiction,
        system,
        record_code,
        dossier_code
    from {{ touched_of('int_record__identified', 'code', ['jurisdiction', 'dossier_code']) }} as touched

),

first_promise as (

    select
        identified.jurisdiction,
        identified.dossier_code,
        record.record_code,
        record.zone,
        coalesce(record.first_due_at, record.due_at) as due_at
    from identified
    inner join {{ those_of('int_record__gathered', 'identified', ['jurisdiction', 'system', 'record_code']) }} as record
        on
            record.jurisdiction = identified.jurisdiction
            and record.system = identified.system
            and record.record_code = identified.record_code
    where record.system = 'provincial'

),

supplement as (

    select
        ranked.jurisdiction,
        supplement.record_code,
        supplement.came_at as moved_at,
        {{ plausible('supplement.due_after') }} as due_at,
        supplement.deleted_at,
        row_number() over (
            partition by ranked.jurisdiction, supplement.supplement_number
            order by supplement.changed_at desc, supplement.row_sha256 desc
        ) as recency
    from {{ ref('stg_provincial__supplement') }} as supplement
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = supplement.delivery_id

),

apology as (

    select
        ranked.jurisdiction,
        draft.record_code,
        draft.sent_at as moved_at,
        {{ plausible('draft.due_after') }} as due_at,
        draft.letter_kind,
        row_number() over (
            partition by ranked.jurisdiction, draft.draft_number
            order by draft.changed_at desc, draft.row_sha256 desc
        ) as recency
    from {{ ref('stg_provincial__draft') }} as draft
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = draft.delivery_id

),

move as (

    select
        jurisdiction,
        record_code,
        moved_at,
        due_at
    from supplement
    where recency = 1 and deleted_at is null and moved_at is not null and due_at is not null
    union all
    select
        jurisdiction,
        record_code,
        moved_at,
        due_at
    from apology
    where recency = 1 and letter_kind = 'apology' and moved_at is not null and due_at is not null

),

numbered as (

    select
        jurisdiction,
        record_code,
        moved_at,
        due_at,
        row_number() over (
            partition by jurisdiction, record_code
            order by moved_at asc, due_at asc
        ) as place
    from move

),

followed as (

    select
        jurisdiction,
        dossier_code,
        record_code,
        zone,
        due_at as first_due_at,
        due_at,
        cast(0 as bigint) as place,
        cast(0 as bigint) as moves
    from first_promise
    union all
    select
        followed.jurisdiction,
        followed.dossier_code,
        followed.record_code,
        followed.zone,
        followed.first_due_at,
        case
            when
                {{ local_date('numbered.moved_at', 'followed.zone') }}
                <= {{ local_date('followed.due_at', 'followed.zone') }}
                then numbered.due_at
            else followed.due_at
        end as due_at,
        numbered.place,
        followed.moves + case
            when
                {{ local_date('numbered.moved_at', 'followed.zone') }}
                <= {{ local_date('followed.due_at', 'followed.zone') }}
                then 1
            else 0
        end as moves
    from followed
    inner join numbered
        on
            numbered.jurisdiction = followed.jurisdiction
            and numbered.record_code = followed.record_code
            and numbered.place = followed.place + 1

),

ended as (

    select
        jurisdiction,
        dossier_code,
        first_due_at,
        due_at,
        moves,
        row_number() over (
            partition by jurisdiction, dossier_code
            order by place desc, record_code asc
        ) as place_from_end
    from followed

)

select
    jurisdiction,
    dossier_code,
    first_due_at,
    due_at,
    moves
from ended
where place_from_end = 1
