using Microsoft.Win32.SafeHandles;

namespace Hospes.Sdk.Security;

/// <summary>A resource that a domain is to have.</summary>
/// <param name="Name">As it was written: <c>file:/images/a</c>, <c>phy:hda1</c>, <c>pci:0000:00:1f.2</c>.</param>
/// <param name="Path">What was opened for it; null: nothing is, the name is all there is.</param>
/// <param name="Handle">The opened file or device, which the module does not close; null: look at the path.</param>
/// <param name="Label">A label that it carries itself, as network interfaces do; null: the module looks it up.</param>
public sealed record SecurityResource(string Name, string? Path = null, SafeFileHandle? Handle = null, SecurityLabel? Label = null);
