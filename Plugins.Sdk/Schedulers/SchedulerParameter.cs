namespace Hospes.Sdk.Schedulers;

/// <summary>One thing that can be set for a domain.</summary>
/// <param name="Name">Its name in the API and in errors: <c>weight</c>.</param>
/// <param name="Default">What it is for a domain about which nothing was said.</param>
/// <param name="Unit">What its values count, for people: <c>ns</c>; empty for plain numbers.</param>
/// <param name="ConfigurationKey">The variable of a domain's configuration that sets it at the start (<c>cpu_weight</c>), or null. Two schedulers
/// may name the same: a domain keeps the value when one takes over from the other.</param>
public sealed record SchedulerParameter(string Name, long Default, string Unit = "", string? ConfigurationKey = null);
