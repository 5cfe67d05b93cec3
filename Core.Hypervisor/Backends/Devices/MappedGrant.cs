using Hospes.Hypervisor.Grants;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>A granted page that stays mapped until this is disposed: a ring, or a page that front-end and back-end keep in use.</summary>
public sealed class MappedGrant : IDisposable
{
    private readonly GrantTable _table;
    private readonly GrantReference _reference;
    private readonly bool _write;
    private bool _disposed;

    internal MappedGrant(GrantTable table, GrantReference reference, bool write, GrantPage page)
    {
        _table = table;
        _reference = reference;
        _write = write;
        Page = page;
    }

    /// <summary>The page.</summary>
    public GrantPage Page { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _table.Unmap(_reference, _write);
    }
}
