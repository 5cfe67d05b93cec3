namespace Hospes.Host.Api.Legacy;

/// <summary>Something that both older interfaces do to a domain, and answer nothing.</summary>
/// <param name="Word">Its op in HTTP; null: it has none.</param>
/// <param name="Method">Its method in XML-RPC, after <c>xend.domain.</c>.</param>
/// <param name="Arguments">Names of its fields in HTTP, in the order of its arguments in XML-RPC, after the domain.</param>
/// <param name="Work">Does it to the domain of this name.</param>
internal sealed record DomainChange(string? Word, string Method, string[] Arguments, Func<string, LegacyArguments, CancellationToken, Task> Work);
