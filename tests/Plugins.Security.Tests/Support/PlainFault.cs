namespace Hospes.Security.Tests.Support;

/// <summary>What is wrong with a module.</summary>
public enum PlainFault
{
    None,
    ForgetsWhoGoes,
    SharesWithAll,
    IgnoresTheWall,
    RunsWhatItDoesNotKnow,
    ForgetsThePolicy,
    LetsUnlabelledResourcesBeUsed,
    DeniesWithoutARule,
    TakesAnyChange,
    LetsAllPacketsPass,
}
