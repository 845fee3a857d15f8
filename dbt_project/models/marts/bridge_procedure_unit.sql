-- Which unit takes in which procedure (DonViThuTucs), by the newest reading of that list: what is given to a unit is
-- settled under the one-stop mechanism.
with newest as (

    select
        delivery_id,
        jurisdiction,
        file_sha256
    from {{ ref('int_delivery__ranked') }}
    where recency = 1

),

procedure as (

    select
        jurisdiction,
        procedure_code,
        procedure_key
    from {{ ref('dim_procedure') }}
    where is_current

),

taken_in as (

    select
        newest.jurisdiction,
        given.procedure_code,
        given.unit_number,
        unit.unit_code,
        unit.level,
        newest.file_sha256,
        given.row_number,
        given.row_sha256,
        row_number() over (
            partition by newest.jurisdiction, given.procedure_code, given.unit_number
            order by given.row_number asc, unit.unit_code asc
        ) as choice
    from {{ ref('stg_provincial__procedure_unit') }} as given
    inner join newest on newest.delivery_id = given.delivery_id
    inner join {{ ref('int_unit__coded') }} as unit
        on unit.jurisdiction = newest.jurisdiction and unit.unit_number = given.unit_number

)

select
    {{ grain_key(['taken_in.jurisdiction', 'taken_in.procedure_code', 'taken_in.unit_number']) }} as procedure_unit_key,
    taken_in.jurisdiction,
    taken_in.procedure_code,
    procedure.procedure_key,
    {{ key_in('taken_in.jurisdiction', 'taken_in.unit_code') }} as unit_key,
    taken_in.level,
    taken_in.file_sha256,
    taken_in.row_number,
    taken_in.row_sha256
from taken_in
left join procedure
    on procedure.jurisdiction = taken_in.jurisdiction and procedure.procedure_code = taken_in.procedure_code
where taken_in.choice = 1
