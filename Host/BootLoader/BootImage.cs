namespace Hospes.Host.BootLoader;

/// <summary>What a domain starts with.</summary>
/// <param name="Kernel">Path of the kernel.</param>
/// <param name="Ramdisk">Path of the ramdisk, or null.</param>
/// <param name="CommandLine">The kernel's whole command line.</param>
internal sealed record BootImage(string Kernel, string? Ramdisk, string CommandLine);
