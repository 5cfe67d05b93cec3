using System.Runtime.InteropServices;
using Hospes.Hypervisor.Builders.Decompression;
using Hospes.Hypervisor.Builders.Images;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed partial class NativeLibraryGuardTests
{
    [Fact]
    public void A_missing_library_names_the_package_to_install()
    {
        Action run = () => NativeLibraryGuard.Run("lz9", "liblz9.so.1", "liblz9-1", () => Missing());

        run.Should().Throw<ImageFaultException>().WithMessage("is compressed with lz9, and liblz9.so.1,*: install the package liblz9-1");
    }

    [Fact]
    public void A_library_without_the_function_names_the_package_to_install()
    {
        Action run = () => NativeLibraryGuard.Run("lz9", "libc.so.6", "libc6", () => MissingFunction());

        run.Should().Throw<ImageFaultException>().WithMessage("*install the package libc6");
    }

    [LibraryImport("liblz9-that-nobody-has.so.1", EntryPoint = "f")]
    private static partial int Missing();

    [LibraryImport("libc", EntryPoint = "hospes_has_no_such_function")]
    private static partial int MissingFunction();
}
