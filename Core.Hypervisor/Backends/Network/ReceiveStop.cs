namespace Hospes.Hypervisor.Backends.Network;

/// <summary>Why a <see cref="Receiver"/> has stopped for now.</summary>
internal enum ReceiveStop
{
    /// <summary>It is the other direction's turn.</summary>
    Turn,

    /// <summary>The tap has no more.</summary>
    Drained,

    /// <summary>The guest has no room; it has been asked to say when it has.</summary>
    NoRoom,

    /// <summary>The guest is left alone for a while.</summary>
    Rest,
}
