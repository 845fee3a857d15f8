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
    from {{ ref('fct_dossier') }} as dossier
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
    inner join {{ ref('int_dossier__touched') }} as touched on touched.dossier_key = applied.dossier_key

)

select dossier_key
from {{ ref('int_dossier__touched') }}
union
select applied.dossier_key
from applied
inner join handed_in
    on
        handed_in.jurisdiction = applied.jurisdiction
        and handed_in.applicant_pseudonym = applied.applicant_pseudonym
        and handed_in.received_on = applied.received_on
{% else %}
select dossier_key
from {{ ref('int_dossier__touched') }}
where 1 = 0
{% endif %}
