namespace Hospes.Hypervisor.Builders.Images;

/// <summary>
/// What is wrong with an image, as the end of a sentence that begins with the image's name ("is truncated: ..."). Whoever knows the name turns it
/// into a <see cref="DomainBuildException"/>.
/// </summary>
internal sealed class ImageFaultException(string reason, Exception? innerException = null) : Exception(reason, innerException);
