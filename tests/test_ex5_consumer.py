"""Exercise 5: consume messages with single and multiple consumers."""

from fixtures import expect, task

GROUPS = "kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --all-groups"


@task(
    "ex5.1",
    points=4,
    hint="Does it print the content of each record, for all partitions, and does it go on?",
    look="python consumer.py my-group   # while the producer runs",
)
def test_ex5_consumer_shows_every_record(solo, notes):
    """The consumer shows every record that arrives while it runs.

    The consumer is started alone, with a new group. Once it has joined, records of all sensors are sent, and each
    must be found in what it prints, in whatever form.
    """
    notes.evidence["solo"] = solo.as_evidence()

    expect(solo.live, seen=solo.never_live_told()).to_be_true("records of every partition are shown once it has joined")
    expect(solo.showing.missing(0), seen=solo.missing_told()).to_be_empty("every record that arrives is shown")


@task(
    "ex5.2",
    points=4,
    hint="Is the argument (or variable, or config value) really passed on as group_id?",
    look=GROUPS,
)
def test_ex5_group_id_is_the_group(solo, no_group, notes):
    """The group id given is the group that the brokers see.

    The brokers are asked which group has joined: it must be the one that the program was given, as argument, in the
    environment or in a file. Started without a group it must work, or say clearly that it needs one.
    """
    notes.evidence["solo"] = solo.as_evidence()
    notes.remarks += no_group.remarks()

    expect(solo.group_seen, seen=solo.group_told()).to_be(solo.given, f"a consumer group {solo.given}, as it was told")
    expect(no_group.acceptable, seen=no_group.told).to_be_true(
        "without a group id it works, or says clearly that it needs one"
    )


@task(
    "ex5.3",
    points=4,
    hint="Is each program a group of its own when the ids differ?",
    look=GROUPS,
)
def test_ex5_different_groups_receive_identical_records(strangers, notes):
    """Consumers with different group ids receive identical records.

    Two consumers with different groups run at the same time. Both must show every record that is sent.
    """
    notes.evidence["groups"] = strangers.as_evidence()

    expect(strangers.ended, seen=strangers.ended_told()).to_be_empty("both consumers go on running")
    expect(strangers.unlike(), seen=strangers.unlike_told()).to_be_empty("both receive all records, the same ones")


@task(
    "ex5.4",
    points=4,
    hint="Do both consumers get the same group id, and subscribe (not assign)?",
    look=GROUPS,
)
def test_ex5_same_group_shares_the_records(pair, notes):
    """Consumers with one group id share the records: unique, all.

    Two consumers with the same group run at the same time. No record may be shown by both, and together they must
    show all.
    """
    notes.evidence["groups"] = pair.as_evidence()

    expect(pair.ended, seen=pair.ended_told()).to_be_empty("both consumers go on running")
    expect(pair.received_twice(), seen=pair.twice_told()).to_be_empty("no record reaches both members of a group")
    expect(pair.unreached(), seen=pair.unreached_told()).to_be_empty("the group as a whole misses nothing")


@task(
    "ex5.5",
    points=2,
    hint="Are offsets committed, after the records were shown, and does a restart go on from them?",
    look=GROUPS + "   # the column LAG",
)
def test_ex5_lag_goes_to_zero_and_a_restart_goes_on(restart, notes):
    """Lag goes to zero; a restart neither repeats nor loses.

    The committed offsets must reach the end of each partition. Then the consumer is stopped, records are sent, and
    it is started again: it must show these, and nothing that was committed before.
    """
    notes.evidence["restart"] = restart.as_evidence()

    expect(restart.behind(), seen=restart.lag_told()).to_be_empty("lag goes down to zero in every partition")
    expect(restart.repeated, seen=restart.repeated_told()).to_be_empty("nothing that was committed is shown again")
    expect(restart.lost, seen=restart.lost_told()).to_be_empty("what came while it was down is shown after the restart")


@task(
    "ex5.6",
    points=2,
    hint="What is the smallest thing that one member of a group can own?",
    look=GROUPS + " --members --verbose",
)
def test_ex5_one_member_too_many_is_idle(crowd, notes):
    """With one member more than partitions, exactly one is idle.

    One consumer more than there are partitions is started with one group. All must be members, each partition must
    have one owner, and exactly one member must own none.
    """
    notes.evidence["group"] = crowd.as_evidence()

    expect(crowd.ended, seen=crowd.ended_told()).to_be_empty("all consumers go on running")
    expect(crowd.members, seen=crowd.group_told()).to_be(
        crowd.expected_members, f"{crowd.expected_members} members in one group"
    )
    expect(crowd.unowned(), seen=crowd.group_told()).to_be_empty("every partition has exactly one owner")
    expect(crowd.idle, seen=crowd.group_told()).to_be(1, "exactly one member without a partition")
