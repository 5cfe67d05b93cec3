using Hospes.Sdk;

namespace Hospes.Hypervisor.Grants;

/// <summary>A granted page while it is mapped. The address stays readable and writable even if the guest takes the page away meanwhile.</summary>
/// <param name="Address">Host address of the page's 4096 bytes.</param>
/// <param name="Frame">The guest's frame, for telling engines about writes.</param>
public readonly unsafe record struct GrantPage(nint Address, GuestFrame Frame)
{
    /// <summary>The page's bytes. The guest may change them at any moment: copy once, then check, then use.</summary>
    public Span<byte> Bytes => new((void*)Address, Memory.GuestMemory.FrameSize);
}
