-- From each unit of any time to the units of today. A unit whose territory went to several has a row for each of them
-- and a weight for none: in which shares is known to nobody here.
with unit as (

    select
        unit_version_key,
        unit_key,
        jurisdiction,
        territory_key,
        valid_from,
        valid_to,
        is_current
    from {{ ref('dim_unit') }}

),

-- The unit that serves a territory; of several the one that came last.
serving as (

    select
        unit_version_key,
        unit_key,
        jurisdiction,
        territory_key,
        row_number() over (
            partition by jurisdiction, territory_key
            order by valid_from desc, unit_key asc
        ) as choice
    from unit
    where territory_key is not null

),

-- A territory that another province has today has no unit here.
through_territory as (

    select
        unit.unit_version_key,
        unit.unit_key,
        unit.jurisdiction,
        serving.unit_version_key as restated_unit_version_key,
        serving.unit_key as restated_unit_key,
        case
            when succeeded.targets > 1 then 'split'
            when serving.unit_key is null then 'ended'
            when succeeded.reached_key = unit.territory_key then 'same'
            when succeeded.made_of > 1 then 'merged'
            else 'continued'
        end as relation
    from unit
    inner join {{ ref('int_territory__succeeded') }} as succeeded on succeeded.territory_key = unit.territory_key
    left join serving
        on
            serving.jurisdiction = unit.jurisdiction
            and serving.territory_key = succeeded.reached_key
            and serving.choice = 1

),

without_territory as (

    select
        unit.unit_version_key,
        unit.unit_key,
        unit.jurisdiction,
        case when latest.valid_to is null then latest.unit_version_key end as restated_unit_version_key,
        case when latest.valid_to is null then latest.unit_key end as restated_unit_key,
        case when latest.valid_to is null then 'same' else 'ended' end as relation
    from unit
    inner join unit as latest on latest.unit_key = unit.unit_key and latest.is_current
    where unit.territory_key is null

),

every as (

    select
        unit_version_key,
        unit_key,
        jurisdiction,
        restated_unit_version_key,
        restated_unit_key,
        relation
    from through_territory
    union all
    select
        unit_version_key,
        unit_key,
        jurisdiction,
        restated_unit_version_key,
        restated_unit_key,
        relation
    from without_territory

)

select
    unit_version_key || '>' || coalesce(restated_unit_key, '-') as restatement_key,
    jurisdiction,
    unit_version_key,
    unit_key,
    restated_unit_version_key,
    restated_unit_key,
    relation,
    case when relation in ('same', 'continued', 'merged') then 1 end as weight
from every
