namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>Where one half of a split device is (fact sheet "xend", section 5.3).</summary>
public enum XenbusState
{
    /// <summary>There is no such half.</summary>
    Unknown = 0,

    /// <summary>Made, nothing more.</summary>
    Initialising = 1,

    /// <summary>The back-end waits for the front-end's rings.</summary>
    InitWait = 2,

    /// <summary>The front-end has announced its rings.</summary>
    Initialised = 3,

    /// <summary>At work.</summary>
    Connected = 4,

    /// <summary>About to end.</summary>
    Closing = 5,

    /// <summary>Ended.</summary>
    Closed = 6,
}
