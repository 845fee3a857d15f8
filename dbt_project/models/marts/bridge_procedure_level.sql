-- Each level that settles a procedure. Sums over levels exceed the total: a procedure may have several.
with procedure as (

    select
        procedure_version_key,
        procedure_key,
        jurisdiction,
        levels,
        level
    from {{ ref('dim_procedure') }}

),

settled as (

    select
        procedure_version_key,
        procedure_key,
        jurisdiction,
        level as highest,
        'province' as level
    from procedure
    where levels like '%Tỉnh%'
    union all
    select
        procedure_version_key,
        procedure_key,
        jurisdiction,
        level as highest,
        'district' as level
    from procedure
    where levels like '%Huyện%'
    union all
    select
        procedure_version_key,
        procedure_key,
        jurisdiction,
        level as highest,
        'commune' as level
    from procedure
    where levels like '%Xã%'

)

select
    {{ key_in('procedure_version_key', 'level') }} as procedure_level_key,
    jurisdiction,
    procedure_version_key,
    procedure_key,
    level,
    level = highest as is_highest
from settled
