namespace Hospes.Host.BootLoader;

/// <summary>What a boot loader has found on a disk.</summary>
/// <param name="Kernel">The kernel's bytes.</param>
/// <param name="Ramdisk">The ramdisk's bytes, or null.</param>
/// <param name="Arguments">The kernel's command line.</param>
/// <param name="Title">The menu's words for it.</param>
internal sealed record BootFiles(byte[] Kernel, byte[]? Ramdisk, string Arguments, string Title);
