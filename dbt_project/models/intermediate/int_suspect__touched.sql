-- Dossiers of which the signs of rpt_suspect_dossier may be others than in the last build: touched ones, and those that
-- a touched one's applicant handed in on its day, as they are now or were then. Empty where all is built.
-- depends_on: {{ ref('int_dossier__touched') }}
-- depends_on: {{ ref('int_dossier__applicant') }}
-- depends_on: {{ ref('fct_dossier') }}
{% if goes_on() %}
with applied as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.received_on,
        record.applicant_pseudonym
    from {{ rows_named(ref('fct_dossier'), ['dossier_key'], ref('int_dossier__touched'), 'dossier_key') }} as dossier
    inner join {{ ref('int_dossier__applicant') }} as record on record.dossier_key = dossier.dossier_key

),

handed_in as (

    select
        jurisdiction,
        applicant_before as applicant_pseudonym,
        received_on_before as received_on
    from {{ ref('int_dossier__touched') }}
    where applicant_before is not null
    union
    select
        applied.jurisdiction,
        applied.applicant_pseudonym,
        applied.received_on
    from applied

),

applicant as (

    select distinct applicant_pseudonym
    from handed_in

),

-- Whatever these applicants ever handed in.
other as (

    select
        record.dossier_key,
        record.applicant_pseudonym
    from {{ ref('int_dossier__applicant') }} as record
    inner join applicant
        on applicant.applicant_pseudonym = record.applicant_pseudonym

)

select dossier_key
from {{ ref('int_dossier__touched') }}
union
select dossier.dossier_key
from {{ rows_named(ref('fct_dossier'), ['dossier_key'], 'other', 'dossier_key') }} as dossier
inner join other on other.dossier_key = dossier.dossier_key
inner join handed_in
    on
        handed_in.jurisdiction = dossier.jurisdiction
        and handed_in.applicant_pseudonym = other.applicant_pseudonym
        and handed_in.received_on = dossier.received_on
{% else %}
select dossier_key
from {{ ref('int_dossier__touched') }}
where 1 = 0
{% endif %}
