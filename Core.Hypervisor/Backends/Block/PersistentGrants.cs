using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Grants;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// Pages that one ring's front-end uses again and again (feature-persistent, fact sheet "Storage", section 5.6): each is mapped at its first use, for
/// writing, and stays so until the ring goes. A front-end finds a grant still in use after a request and keeps it; what is beyond our number is given
/// back, which it finds too. One thread.
/// </summary>
internal sealed class PersistentGrants(DeviceContext context) : IDisposable
{
    /// <summary>How many: a ring's worth of the largest direct requests, as Linux's back-end keeps.</summary>
    internal const int Most = 1056;

    private readonly Dictionary<uint, GrantPage> _pages = new(Most);

    /// <summary>The page of a grant that is kept, or can be from now on. False: it must be mapped for its request alone.</summary>
    internal bool TryGet(GrantReference reference, out GrantPage page)
    {
        if (_pages.TryGetValue(reference.Value, out page))
            return true;
        if (_pages.Count >= Most || context.Grants.Map(reference, write: true, out page) != GrantStatus.Okay)
            return false;
        _pages.Add(reference.Value, page);
        return true;
    }

    /// <summary>Gives all pages back; nothing is under way.</summary>
    public void Dispose()
    {
        foreach (uint reference in _pages.Keys)
            context.Grants.Unmap(new GrantReference(reference), write: true);
        _pages.Clear();
    }
}
