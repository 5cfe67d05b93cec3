using Hospes.Sdk;

namespace Hospes.Host.Plugins;

/// <summary>A plugin could not do what it was asked; the message names it, the domain and the operation, and ends with the cause.</summary>
internal sealed class PluginFailureException(string plugin, DomainId? domain, string operation, string why, Exception? cause)
    : Exception($"plugin {plugin} could not {operation}{(domain is { } id ? $" for domain {id}" : "")}: {why}", cause)
{
    /// <summary>Who failed, as in <c>scheduler 'credit'</c>.</summary>
    internal string Plugin { get; } = plugin;

    /// <summary>Whom it hurt, if it was one domain.</summary>
    internal DomainId? Domain { get; } = domain;
}
