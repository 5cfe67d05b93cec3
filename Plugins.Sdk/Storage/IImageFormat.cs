namespace Hospes.Sdk.Storage;

/// <summary>An optional ability of an <see cref="IBlockDriver"/>: tools can make, examine and change images of its format.</summary>
public interface IImageFormat
{
    /// <summary>The format's name in tools: raw, qcow, qcow2, vmdk.</summary>
    string Format { get; }

    /// <summary>True when a file looks like one of this format.</summary>
    bool Recognises(IBlockFile file);

    /// <summary>Makes an image in an empty file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="FormatException">The options make no sense together; the message is for the person who gave them.</exception>
    void Create(IBlockFile file, ImageOptions options);

    /// <summary>What an image says of itself, in the order for people.</summary>
    /// <exception cref="IOException">It is no image of this format.</exception>
    IReadOnlyList<KeyValuePair<string, string>> Describe(IBlockFile file);

    /// <summary>Looks for damage, and with <paramref name="repair"/> mends what can be mended.</summary>
    /// <exception cref="IOException">The file cannot be read, or is so damaged that nothing can be said.</exception>
    ImageCheck Check(IBlockFile file, bool repair);

    /// <summary>Makes an image larger or smaller; what lies beyond a smaller size is lost.</summary>
    /// <exception cref="IOException">It cannot be written, or this format cannot do that.</exception>
    void Resize(IBlockFile file, long length);
}
