-- Digitisation, payments, ratings and petitions as counts that add up over units and months. What belongs to no unit or
-- no month has a row without one, so that nothing falls out of a sum.
with dossier as (

    select
        {{ grain_key(['told.jurisdiction', 'told.unit_key', 'told.received_month']) }} as place_key,
        told.jurisdiction,
        told.unit_key,
        told.received_month as month,
        sum(1) as dossiers_told,
        sum(case when told.in_province then 1 else 0 end) as dossiers_in_province,
        sum(case when told.in_province and told.state = 'resolved' then 1 else 0 end) as dossiers_finished,
        sum(case when told.result_digitised then 1 else 0 end) as results_digitised,
        sum(case when told.data_reused then 1 else 0 end) as data_reused,
        sum(case when told.on_portal then 1 else 0 end) as dossiers_on_portal,
        sum(case when told.parts_digitised then 1 else 0 end) as parts_digitised,
        sum(case when told.population_linked then 1 else 0 end) as population_linked,
        sum(case when told.on_portal and channel.channel_code = '2' then 1 else 0 end) as online_on_portal,
        sum(case when told.account_verified and channel.channel_code = '2' then 1 else 0 end) as accounts_verified,
        sum(case when told.online_payment in ('portal', 'gateway', 'offline') then 1 else 0 end) as fees_on_portal,
        sum(case when told.online_payment in ('portal', 'gateway') then 1 else 0 end) as fees_online_on_portal,
        sum(case when procedure.is_essential then 1 else 0 end) as essential_dossiers,
        sum(case when procedure.is_essential and channel.channel_code = '2' then 1 else 0 end) as essential_online
    from {{ ref('fct_digitisation') }} as told
    inner join {{ ref('dim_procedure') }} as procedure
        on procedure.procedure_key = told.procedure_key and procedure.is_current
    inner join {{ ref('dim_channel') }} as channel on channel.channel_key = told.channel_key
    where told.state <> 'not_yet'
    group by
        told.jurisdiction,
        told.unit_key,
        told.received_month

),

payment as (

    select
        {{ grain_key(['jurisdiction', 'unit_key', 'received_month']) }} as place_key,
        jurisdiction,
        unit_key,
        received_month as month,
        sum(case when is_repetition then 0 else 1 end) as payments_asked,
        sum(case when is_paid and not is_repetition then 1 else 0 end) as payments_paid,
        sum(case when is_paid and not is_repetition and way in ('portal', 'gateway') then 1 else 0 end)
            as payments_online,
        sum(case when is_repetition then 1 else 0 end) as payments_repeated,
        sum(case when is_repetition then 0 else amount end) as amount_asked,
        sum(case when is_paid and not is_repetition then amount else 0 end) as amount_paid
    from {{ ref('fct_payment') }}
    group by
        jurisdiction,
        unit_key,
        received_month

),

rating as (

    select
        {{ grain_key(['rating.jurisdiction', 'rating.unit_key', 'rating.rated_month']) }} as place_key,
        rating.jurisdiction,
        rating.unit_key,
        rating.rated_month as month,
        sum(1) as ratings,
        sum(case when rating.dossier_key is null then 1 else 0 end) as ratings_of_unknown,
        sum(case when rating.dossier_key is not null and rating.score is not null then 1 else 0 end) as ratings_scored,
        sum(case when rating.dossier_key is not null and rating.is_satisfied then 1 else 0 end) as ratings_satisfied
    from {{ ref('fct_rating') }} as rating
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = rating.jurisdiction
    where rating.rated_at < jurisdiction.as_of
    group by
        rating.jurisdiction,
        rating.unit_key,
        rating.rated_month

),

petition as (

    select
        {{ grain_key(['jurisdiction', 'unit_key', 'received_month']) }} as place_key,
        jurisdiction,
        unit_key,
        received_month as month,
        sum(1) as petitions,
        sum(case when verdict = 'in_time' then 1 else 0 end) as petitions_in_time,
        sum(case when verdict = 'late' then 1 else 0 end) as petitions_late,
        sum(case when verdict = 'time_unknown' then 1 else 0 end) as petitions_time_unknown,
        sum(case when verdict = 'pending' then 1 else 0 end) as petitions_pending,
        sum(case when verdict = 'overdue' then 1 else 0 end) as petitions_overdue,
        sum(case when verdict = 'no_due' then 1 else 0 end) as petitions_no_due,
        sum(case when is_satisfied is not null then 1 else 0 end) as petitions_judged,
        sum(case when is_satisfied then 1 else 0 end) as petitions_satisfied
    from {{ ref('fct_petition') }}
    where verdict <> 'not_yet'
    group by
        jurisdiction,
        unit_key,
        received_month

),

place as (

    select
        place_key,
        jurisdiction,
        unit_key,
        month
    from dossier
    union
    select
        place_key,
        jurisdiction,
        unit_key,
        month
    from payment
    union
    select
        place_key,
        jurisdiction,
        unit_key,
        month
    from rating
    union
    select
        place_key,
        jurisdiction,
        unit_key,
        month
    from petition

)

select
    place.place_key as service_quality_key,
    place.jurisdiction,
    place.unit_key,
    place.month,
    cast(coalesce(dossier.dossiers_told, 0) as bigint) as dossiers_told,
    cast(coalesce(dossier.dossiers_in_province, 0) as bigint) as dossiers_in_province,
    cast(coalesce(dossier.dossiers_finished, 0) as bigint) as dossiers_finished,
    cast(coalesce(dossier.results_digitised, 0) as bigint) as results_digitised,
    cast(coalesce(dossier.data_reused, 0) as bigint) as data_reused,
    cast(coalesce(dossier.dossiers_on_portal, 0) as bigint) as dossiers_on_portal,
    cast(coalesce(dossier.parts_digitised, 0) as bigint) as parts_digitised,
    cast(coalesce(dossier.population_linked, 0) as bigint) as population_linked,
    cast(coalesce(dossier.online_on_portal, 0) as bigint) as online_on_portal,
    cast(coalesce(dossier.accounts_verified, 0) as bigint) as accounts_verified,
    cast(coalesce(dossier.fees_on_portal, 0) as bigint) as fees_on_portal,
    cast(coalesce(dossier.fees_online_on_portal, 0) as bigint) as fees_online_on_portal,
    cast(coalesce(dossier.essential_dossiers, 0) as bigint) as essential_dossiers,
    cast(coalesce(dossier.essential_online, 0) as bigint) as essential_online,
    cast(coalesce(payment.payments_asked, 0) as bigint) as payments_asked,
    cast(coalesce(payment.payments_paid, 0) as bigint) as payments_paid,
    cast(coalesce(payment.payments_online, 0) as bigint) as payments_online,
    cast(coalesce(payment.payments_repeated, 0) as bigint) as payments_repeated,
    cast(coalesce(payment.amount_asked, 0) as bigint) as amount_asked,
    cast(coalesce(payment.amount_paid, 0) as bigint) as amount_paid,
    cast(coalesce(rating.ratings, 0) as bigint) as ratings,
    cast(coalesce(rating.ratings_of_unknown, 0) as bigint) as ratings_of_unknown,
    cast(coalesce(rating.ratings_scored, 0) as bigint) as ratings_scored,
    cast(coalesce(rating.ratings_satisfied, 0) as bigint) as ratings_satisfied,
    cast(coalesce(petition.petitions, 0) as bigint) as petitions,
    cast(coalesce(petition.petitions_in_time, 0) as bigint) as petitions_in_time,
    cast(coalesce(petition.petitions_late, 0) as bigint) as petitions_late,
    cast(coalesce(petition.petitions_time_unknown, 0) as bigint) as petitions_time_unknown,
    cast(coalesce(petition.petitions_pending, 0) as bigint) as petitions_pending,
    cast(coalesce(petition.petitions_overdue, 0) as bigint) as petitions_overdue,
    cast(coalesce(petition.petitions_no_due, 0) as bigint) as petitions_no_due,
    cast(coalesce(petition.petitions_judged, 0) as bigint) as petitions_judged,
    cast(coalesce(petition.petitions_satisfied, 0) as bigint) as petitions_satisfied
from place
left join dossier on dossier.place_key = place.place_key
left join payment on payment.place_key = place.place_key
left join rating on rating.place_key = place.place_key
left join petition on petition.place_key = place.place_key
