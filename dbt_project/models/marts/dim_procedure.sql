with in_dossiers as (

    select
        jurisdiction,
        procedure_code,
        field_name,
        row_number() over (
            partition by jurisdiction, procedure_code
            order by received_at desc, dossier_code desc
        ) as recency
    from {{ ref('int_dossier__current') }}

),

in_catalogue as (

    select
        jurisdiction,
        procedure_code,
        procedure_name,
        competent_unit_code,
        row_number() over (
            partition by jurisdiction, procedure_code
            order by snapshot_on desc, source asc
        ) as recency
    from {{ ref('int_catalogue__presence') }}

),

known as (

    select
        jurisdiction,
        procedure_code
    from in_dossiers
    union
    select
        jurisdiction,
        procedure_code
    from in_catalogue

)

select
    {{ key_in('known.jurisdiction', 'known.procedure_code') }} as procedure_key,
    known.jurisdiction,
    known.procedure_code,
    coalesce(in_catalogue.procedure_name, known.procedure_code) as procedure_name,
    in_dossiers.field_name,
    {{ key_in('known.jurisdiction', 'in_catalogue.competent_unit_code') }} as competent_unit_key
from known
left join in_dossiers
    on
        in_dossiers.jurisdiction = known.jurisdiction
        and in_dossiers.procedure_code = known.procedure_code
        and in_dossiers.recency = 1
left join in_catalogue
    on
        in_catalogue.jurisdiction = known.jurisdiction
        and in_catalogue.procedure_code = known.procedure_code
        and in_catalogue.recency = 1
