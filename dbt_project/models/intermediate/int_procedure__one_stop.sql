-- Procedures under the one-stop mechanism: those that the provincial system gives to at least one unit (DonViThuTucs,
-- in its newest reading), and the levels of these units.
with newest as (

    select
        delivery_id,
        jurisdiction
    from {{ ref('int_delivery__ranked') }}
    where recency = 1

)

select
    newest.jurisdiction,
    taken_in.procedure_code,
    max(case when unit.level = 'province' then 1 else 0 end) as at_province,
    max(case when unit.level = 'district' then 1 else 0 end) as at_district,
    max(case when unit.level = 'commune' then 1 else 0 end) as at_commune
from {{ ref('stg_provincial__procedure_unit') }} as taken_in
inner join newest on newest.delivery_id = taken_in.delivery_id
inner join {{ ref('int_unit__coded') }} as unit
    on unit.jurisdiction = newest.jurisdiction and unit.unit_number = taken_in.unit_number
group by
    newest.jurisdiction,
    taken_in.procedure_code
