-- Which unit of the provincial system a unit's name in a register or on the portal stands for, by the name alone: a
-- commune with its district, any other by its own. What two units may be called gives none.
with own_name as (

    select
        unit.jurisdiction,
        unit.unit_code,
        case
            when unit.level = 'commune' then unit.unit_name || ', ' || parent.unit_name
            else unit.unit_name
        end as unit_name
    from {{ ref('int_unit__coded') }} as unit
    left join {{ ref('int_unit__coded') }} as parent
        on parent.jurisdiction = unit.jurisdiction and parent.unit_number = unit.parent_number

),

plain as (

    select
        jurisdiction,
        {{ plain_unit_name('unit_name') }} as plain_name,
        min(unit_code) as unit_code
    from own_name
    where unit_name is not null
    group by
        jurisdiction,
        {{ plain_unit_name('unit_name') }}
    having count(distinct unit_code) = 1

),

written as (

    select distinct
        jurisdiction,
        unit_name
    from {{ ref('int_record__gathered') }}
    where unit_name is not null

)

select
    written.jurisdiction,
    written.unit_name,
    plain.unit_code
from written
inner join plain
    on
        plain.jurisdiction = written.jurisdiction
        and plain.plain_name = {{ plain_unit_name('written.unit_name') }}
