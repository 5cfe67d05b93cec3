namespace Hospes.Hypervisor.Memory;

/// <summary>4096 bytes of a domain's memory file, whether or not a guest frame shows them at the moment.</summary>
/// <param name="Index">Its place in the memory file, in units of 4096 bytes.</param>
public readonly record struct HostFrame(int Index);
