namespace Hospes.Hypervisor.Builders.Elf;

/// <summary>One entry of a note segment or section.</summary>
/// <param name="Owner">Its name, such as <c>Xen</c>.</param>
/// <param name="Type">What it says; numbers are the owner's.</param>
/// <param name="Description">Its value.</param>
internal sealed record ElfNote(string Owner, uint Type, byte[] Description);
