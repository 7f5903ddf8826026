# Put into the tasks of templated.yaml as it is: {{ this }} is no template here.
echo "$GREETING, robot $ROBOT"
