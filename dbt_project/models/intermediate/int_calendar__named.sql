-- Which calendar a jurisdiction works by: one of the deployment's own, alone or over a national one, or a national one.
-- Own ones come first, so that a deployment can put its local days over a national calendar under the same name.
with jurisdiction as (

    select
        jurisdiction,
        zone,
        calendar,
        time_rules
    from {{ source('reference', 'jurisdiction') }}
    where calendar is not null

),

found as (

    select
        jurisdiction.jurisdiction,
        jurisdiction.zone,
        jurisdiction.calendar,
        jurisdiction.time_rules,
        own.calendar as own_calendar,
        own.covered_from as own_from,
        own.covered_to as own_to,
        case when own.calendar is null then jurisdiction.calendar else own.based_on end as base_name
    from jurisdiction
    left join {{ source('reference', 'calendar') }} as own on own.calendar = jurisdiction.calendar

)

select
    found.jurisdiction,
    found.zone,
    found.calendar,
    found.own_calendar,
    national.calendar as national_calendar,
    found.time_rules as rule_set,
    coalesce(found.own_from, national.covered_from) as covered_from,
    coalesce(found.own_to, national.covered_to) as covered_to,
    -- False when a name leads to no calendar: a test holds that none does. Without a base is only what stands alone.
    national.calendar is not null or found.base_name is null as is_known
from found
left join {{ ref('national_calendar') }} as national on national.calendar = found.base_name
