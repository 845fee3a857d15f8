-- Codes that may mean another dossier than in the last build, or a dossier of which something else is told: those that
-- new rows name, those whose procedure's limit changed, those for which the as-of instant matters where it moved on,
-- and every code that is linked with one of them, as the last build has it or as the new rows do. Empty where all is
-- built.
-- depends_on: {{ ref('int_delivery__ranked') }}
-- depends_on: {{ ref('stg_provincial__dossier') }}
-- depends_on: {{ ref('stg_provincial__progress') }}
-- depends_on: {{ ref('stg_provincial__supplement') }}
-- depends_on: {{ ref('stg_provincial__draft') }}
-- depends_on: {{ ref('int_record__touched') }}
-- depends_on: {{ ref('int_step__touched') }}
-- depends_on: {{ ref('int_procedure__limited') }}
-- depends_on: {{ source('audit', 'last_build') }}
-- depends_on: {{ source('audit', 'last_build_as_of') }}
-- depends_on: {{ source('reference', 'jurisdiction') }}
{% if goes_on() %}
with recursive news as (

    select
        ranked.delivery_id,
        ranked.jurisdiction
    from {{ ref('int_delivery__ranked') }} as ranked
    inner join {{ source('audit', 'last_build') }} as last_build on last_build.upto_delivery < ranked.delivery_id

),

-- Supplements and letters are few: every version of those that are told of anew, for the records they were of before.
supplement as (

    select
        supplement.record_code,
        ranked.jurisdiction,
        max(case when news.delivery_id is not null then 1 else 0 end) over (
            partition by ranked.jurisdiction, supplement.supplement_number
        ) as is_news
    from {{ ref('stg_provincial__supplement') }} as supplement
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = supplement.delivery_id
    left join news on news.delivery_id = supplement.delivery_id

),

letter as (

    select
        draft.record_code,
        ranked.jurisdiction,
        max(case when news.delivery_id is not null then 1 else 0 end) over (
            partition by ranked.jurisdiction, draft.draft_number
        ) as is_news
    from {{ ref('stg_provincial__draft') }} as draft
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = draft.delivery_id
    left join news on news.delivery_id = draft.delivery_id

),

named as (

    select
        jurisdiction,
        record_code
    from {{ ref('int_record__touched') }}
    union
    select
        news.jurisdiction,
        progress.record_code
    from {{ ref('stg_provincial__progress') }} as progress
    inner join news on news.delivery_id = progress.delivery_id
    union
    select
        step.jurisdiction,
        step.record_code
    from {{ rows_named(
        as_built('intermediate', 'int_progress__current'), ['jurisdiction', 'step_number'],
        ref('int_step__touched'), 'jurisdiction, step_number'
    ) }} as step
    union
    select
        jurisdiction,
        record_code
    from supplement
    where is_news = 1
    union
    select
        jurisdiction,
        record_code
    from letter
    where is_news = 1

),

limited as (

    select
        dossier.jurisdiction,
        dossier.dossier_code
    from {{ ref('int_procedure__limited') }} as procedure
    inner join {{ as_built('intermediate', 'int_dossier__current') }} as dossier
        on dossier.jurisdiction = procedure.jurisdiction and dossier.procedure_code = procedure.procedure_code
    where procedure.is_news

),

moved as (

    select
        jurisdiction.jurisdiction,
        last_build.as_of
    from {{ source('reference', 'jurisdiction') }} as jurisdiction
    inner join {{ source('audit', 'last_build_as_of') }} as last_build
        on last_build.jurisdiction = jurisdiction.jurisdiction and last_build.as_of <> jurisdiction.as_of

),

-- What had not ended before the former as-of instant, or has anything at all at or after it.
under_way as (

    select
        dossier.jurisdiction,
        dossier.dossier_code
    from {{ as_built('intermediate', 'int_dossier__current') }} as dossier
    inner join moved on moved.jurisdiction = dossier.jurisdiction
    where
        (dossier.resolved_at is null and dossier.closed_otherwise_at is null)
        or dossier.submitted_at >= moved.as_of
        or dossier.received_at >= moved.as_of
        or dossier.resolved_at >= moved.as_of
        or dossier.returned_at >= moved.as_of
        or dossier.closed_otherwise_at >= moved.as_of
    union
    select
        step.jurisdiction,
        step.dossier_code
    from {{ as_built('intermediate', 'int_dossier__step') }} as step
    inner join moved on moved.jurisdiction = step.jurisdiction
    where step.started_at >= moved.as_of
    union
    select
        waiting.jurisdiction,
        waiting.dossier_code
    from {{ as_built('intermediate', 'int_dossier__waiting') }} as waiting
    inner join moved on moved.jurisdiction = waiting.jurisdiction
    where waiting.to_at is null or waiting.to_at >= moved.as_of or waiting.from_at >= moved.as_of

),

pair as (

    select
        jurisdiction,
        normal_code,
        other_code
    from {{ as_built('intermediate', 'int_record__gathered') }}
    where other_code is not null and other_code <> normal_code
    union all
    select
        news.jurisdiction,
        {{ dossier_code('record.record_code') }} as normal_code,
        {{ dossier_code('record.other_code') }} as other_code
    from {{ ref('stg_provincial__dossier') }} as record
    inner join news on news.delivery_id = record.delivery_id
    where record.other_code is not null

),

linked as (

    select
        jurisdiction,
        normal_code as code,
        other_code as linked_code
    from pair
    union all
    select
        jurisdiction,
        other_code as code,
        normal_code as linked_code
    from pair

),

touched as (

    select
        named.jurisdiction,
        {{ dossier_code('named.record_code') }} as code
    from named
    union
    select
        limited.jurisdiction,
        limited.dossier_code as code
    from limited
    union
    select
        under_way.jurisdiction,
        under_way.dossier_code as code
    from under_way
    union
    select
        linked.jurisdiction,
        linked.linked_code as code
    from touched
    inner join linked on linked.jurisdiction = touched.jurisdiction and linked.code = touched.code

)

select
    jurisdiction,
    code
from touched
{% else %}
select
    jurisdiction,
    record_code as code
from {{ ref('int_record__touched') }}
where 1 = 0
{% endif %}
