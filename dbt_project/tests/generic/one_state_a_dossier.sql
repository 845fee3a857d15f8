{% test one_state_a_dossier(model) %}
select
    dossier_key,
    state
from {{ model }}
where state not in ('not_yet', 'open', 'resolved', 'closed_otherwise') or state is null
{% endtest %}
