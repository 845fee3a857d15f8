-- The units of the provincial system's newest list, each by its number there and by its agency id in forward order.
select
    ranked.jurisdiction,
    unit.unit_number,
    unit.parent_number,
    unit.level,
    unit.unit_name,
    {{ agency_code('unit.agency_id') }} as unit_code
from {{ ref('stg_provincial__unit') }} as unit
inner join {{ ref('int_delivery__ranked') }} as ranked
    on ranked.delivery_id = unit.delivery_id and ranked.recency = 1
