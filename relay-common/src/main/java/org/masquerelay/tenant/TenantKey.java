package org.masquerelay.tenant;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A key that an ingress and its egress share, and nobody else has.
///
/// Every message is sealed with AES-256-GCM under a key of its own, which HKDF (RFC 5869) derives
/// from this one and from the message's salt: a random salt of 16 bytes may be drawn for every
/// tunnel that there will ever be, where the 12 bytes of a nonce could not. Safe on any thread.
public final class TenantKey {
    /// Bytes of a key.
    public static final int LENGTH = 32;

    static final int ID_LENGTH = 8;
    static final int SALT_LENGTH = 16;
    static final int TAG_LENGTH = 16;

    private static final int NONCE_LENGTH = 12;
    private static final byte[] ID_INFO = "relay-tenant 1 id".getBytes(US_ASCII);
    private static final byte[] SEAL_INFO = "relay-tenant 1 seal".getBytes(US_ASCII);

    private final SecretKey key;
    private final byte[] id;

    /// @throws IllegalArgumentException if these are not 32 bytes
    public TenantKey(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException(
                    "key: " + bytes.length + " bytes (expected: " + LENGTH + ")");
        }
        key = new SecretKeySpec(bytes, "HKDF-SHA256");
        id = derive(ID_INFO, ID_LENGTH);
    }

    /// By which the egress finds the key; says nothing of it.
    byte[] id() {
        return id.clone();
    }

    boolean hasId(byte[] other) {
        return Arrays.equals(id, other);
    }

    /// The plaintext, sealed for whoever knows the associated data.
    byte[] seal(byte[] salt, byte[] associated, byte[] plaintext) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, salt, associated).doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is missing from this JDK", e);
        }
    }

    /// @throws AEADBadTagException if it was not sealed with this key, salt and associated data
    byte[] open(byte[] salt, byte[] associated, byte[] sealed) throws AEADBadTagException {
        try {
            return cipher(Cipher.DECRYPT_MODE, salt, associated).doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is missing from this JDK", e);
        }
    }

    private Cipher cipher(int mode, byte[] salt, byte[] associated)
            throws GeneralSecurityException {
        byte[] info =
                ByteBuffer.allocate(SEAL_INFO.length + salt.length)
                        .put(SEAL_INFO)
                        .put(salt)
                        .array();
        byte[] derived = derive(info, LENGTH + NONCE_LENGTH);
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(derived, 0, LENGTH, "AES"),
                new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, derived, LENGTH, NONCE_LENGTH));
        cipher.updateAAD(associated);
        return cipher;
    }

    private byte[] derive(byte[] info, int length) {
        return expand(key, info, length);
    }

    /// HKDF-Expand; the key is uniformly random already (RFC 5869, section 3.3).
    static byte[] expand(SecretKey key, byte[] info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.expandOnly(key, info, length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF is missing from this JDK", e);
        }
    }
}
