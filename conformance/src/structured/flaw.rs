/// What is wrong with one piece; the list of mutants says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    GroupAbortsAll,
    GroupAbortsClosures,
    GroupCountsTheJoined,
    GroupDetachAborts,
    GroupDropDetaches,
    GroupHidesErrors,
    GroupIsLazy,
    GroupJoinsByEnd,
    GroupKeepsJoiner,
    GroupLosesOutputs,
    GroupLosesWhenNotJoined,
    GroupPollsAll,
    GroupShutdownReturnsAtOnce,
    SetMixesKeys,
}
