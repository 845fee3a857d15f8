with handling as (

    select
        jurisdiction,
        unit_code
    from {{ ref('int_dossier__current') }}

),

competent as (

    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_dossier__current') }}

),

in_catalogue as (

    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_catalogue__presence') }}

),

named as (

    select
        jurisdiction,
        unit_code
    from handling
    union
    select
        jurisdiction,
        unit_code
    from competent
    union
    select
        jurisdiction,
        unit_code
    from in_catalogue

)

select
    {{ key_in('jurisdiction', 'unit_code') }} as unit_key,
    jurisdiction,
    unit_code
from named
