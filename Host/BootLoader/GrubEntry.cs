namespace Hospes.Host.BootLoader;

/// <summary>One choice of a GRUB menu.</summary>
/// <param name="Title">As people see it.</param>
/// <param name="Kernel">The kernel's path.</param>
/// <param name="Arguments">Its command line.</param>
/// <param name="Ramdisk">The ramdisk's path, or null.</param>
internal sealed record GrubEntry(string Title, string Kernel, string Arguments, string? Ramdisk);
