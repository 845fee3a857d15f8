-- Which dossier each record is of, and by which rule that was decided. The provincial system's code is the dossier's own;
-- a record elsewhere is the same dossier when it bears that code (in either order of the agency id), or a code that the
-- provincial system knows as another name of it.
with record as (

    select
        jurisdiction,
        system,
        record_code,
        normal_code,
        other_code
    from {{ ref('int_record__gathered') }}

),

own as (

    select distinct
        jurisdiction,
        normal_code
    from record
    where system = 'provincial'

),

alias as (

    select
        jurisdiction,
        other_code,
        min(normal_code) as normal_code
    from record
    where system = 'provincial' and other_code is not null and other_code <> normal_code
    group by
        jurisdiction,
        other_code

)

select
    record.jurisdiction,
    record.system,
    record.record_code,
    coalesce(own.normal_code, alias.normal_code, record.normal_code) as dossier_code,
    case
        when record.system = 'provincial' and record.record_code = record.normal_code then 'own_code'
        when own.normal_code is not null and record.record_code = record.normal_code then 'same_code'
        when own.normal_code is not null then 'agency_id_order'
        when alias.normal_code is not null then 'other_code'
        else 'only_here'
    end as identified_by
from record
left join own on own.jurisdiction = record.jurisdiction and own.normal_code = record.normal_code
left join alias on alias.jurisdiction = record.jurisdiction and alias.other_code = record.normal_code
