-- Procedure × snapshot: what each catalogue snapshot holds.
with charter as (

    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        competent_unit_code,
        content_sha1,
        cast(null as {{ dbt.type_string() }}) as levels,
        cast(null as {{ dbt.type_string() }}) as field_name
    from {{ ref('stg_cartas__service') }}

),

exported as (

    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        issuer as competent_unit_code,
        -- The export says what is in force, not what a procedure contains: amendments come from the decisions.
        cast(null as {{ dbt.type_string() }}) as content_sha1,
        levels,
        field_name
    from {{ ref('stg_decisions__catalogue') }}

),

line as (

    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        competent_unit_code,
        content_sha1,
        levels,
        field_name
    from charter
    union all
    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        competent_unit_code,
        content_sha1,
        levels,
        field_name
    from exported

)

select
    snapshot.jurisdiction,
    snapshot.source,
    snapshot.delivery_id,
    snapshot.place,
    snapshot.snapshot_on,
    snapshot.file_sha256,
    line.row_number,
    line.row_sha256,
    line.procedure_code,
    line.procedure_name,
    line.competent_unit_code,
    line.content_sha1,
    line.levels,
    line.field_name
from {{ ref('int_catalogue__snapshot') }} as snapshot
inner join line on line.delivery_id = snapshot.delivery_id
