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
        levels,
        field_name,
        row_number() over (
            partition by jurisdiction, procedure_code
            order by snapshot_on desc, source asc
        ) as recency
    from {{ ref('int_catalogue__presence') }}

),

in_system as (

    select
        ranked.jurisdiction,
        procedure.procedure_code,
        procedure.procedure_name,
        procedure.field_name,
        procedure.interlinking,
        procedure.has_workflow,
        procedure.is_essential
    from {{ ref('stg_provincial__procedure') }} as procedure
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = procedure.delivery_id and ranked.recency = 1

),

known as (

    select
        jurisdiction,
        procedure_code
    from in_system
    union
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
    coalesce(in_catalogue.procedure_name, in_system.procedure_name, known.procedure_code) as procedure_name,
    coalesce(in_catalogue.field_name, in_system.field_name, in_dossiers.field_name) as field_name,
    {{ key_in('known.jurisdiction', 'in_catalogue.competent_unit_code') }} as competent_unit_key,
    in_catalogue.levels,
    -- Counted once, at the highest level that settles it.
    case
        when in_catalogue.levels like '%Tỉnh%' then 'province'
        when in_catalogue.levels like '%Huyện%' then 'district'
        when in_catalogue.levels like '%Xã%' then 'commune'
    end as level,
    in_system.interlinking,
    case
        when in_system.interlinking = 'KHONG_LIEN_THONG' then 'none'
        when in_system.interlinking in ('LIEN_THONG_CUNG_CAP', 'LIEN_THONG_SO_VPUB') then 'same_level'
        when in_system.interlinking is not null then 'across_levels'
    end as interlinked,
    in_system.has_workflow,
    in_system.is_essential
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
left join in_system
    on in_system.jurisdiction = known.jurisdiction and in_system.procedure_code = known.procedure_code
