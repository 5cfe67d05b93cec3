namespace Hospes.TestKit.Storage;

/// <summary>What can be done to a file.</summary>
public enum FileEventKind
{
    /// <summary>Bytes were written.</summary>
    Write,

    /// <summary>It became longer or shorter.</summary>
    SetLength,

    /// <summary>A range was made zero.</summary>
    Zero,

    /// <summary>Everything before is on the medium.</summary>
    Flush,
}
